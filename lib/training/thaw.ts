import type { Module } from "../nn/mod.ts";
import { freeze, unfreeze } from "./freeze.ts";
import { FreezePlan } from "./freeze_plan.ts";
import type { UnfreezeSchedule } from "./unfreeze_schedule.ts";

/** A moment at which more of a network begins to train. */
export interface Thaw {
  /** The first epoch in which it does, from 1. */
  epoch: number;
  /** The first stage that trains from then on. */
  stage: string;
}

/** Freezes a network as an unfreeze schedule wants it in an epoch (from 0): it depends on nothing else. */
export function freezeForEpoch(model: Module, { stages, every, batchNorm }: UnfreezeSchedule, epoch: number): void {
  const until = stages[Math.min(Math.floor(epoch / every), stages.length - 1)];
  const lowest = new FreezePlan(model).stages.find(({ parameters }) => parameters > 0)?.name;
  if (until === lowest) unfreeze(model); // with what belongs to no stage
  else freeze(model, { until }, { batchNorm });
}

/** What has thawed by an epoch (from 0), that epoch's start included. */
export function thawsUntil({ stages, every }: UnfreezeSchedule, epoch: number): Thaw[] {
  const all = stages.map((stage, i) => ({ epoch: i * every + 1, stage }));
  return all.slice(1).filter((thaw) => thaw.epoch <= epoch + 1);
}

/**
 * Runs `use` with a network frozen as it will be in an epoch (from 0), and puts back what was frozen; without a schedule that
 * is as it is.
 *
 * `use` must not wait for anything: the network may be in training meanwhile, from another cell.
 */
export function asInEpoch<T>(model: Module, schedule: UnfreezeSchedule | undefined, epoch: number, use: () => T): T {
  if (!schedule) return use();
  const parameters = model.parameters().map((one) => [one, one.requiresGrad] as const);
  const modules = model.modules().map((one) => [one, one.frozen] as const);
  try {
    freezeForEpoch(model, schedule, epoch);
    return use();
  } finally {
    for (const [parameter, requiresGrad] of parameters) parameter.requiresGrad = requiresGrad;
    for (const [module, frozen] of modules) module.frozen = frozen;
  }
}
