import type { Module } from "../../nn/mod.ts";

/** Makes a normalization layer for so many channels. */
export type NormLayer = (channels: number) => Module;
