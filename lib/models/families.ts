// A line for each family is all it takes: its builders are found by what they are.
export * from "./efficientnet_lite.ts";
export * from "./resnet.ts";
