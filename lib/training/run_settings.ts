import type { StagePlan } from "./freeze_plan.ts";
import { type Plain, plainText, words } from "./plain_value.ts";
import type { RunData } from "./run_record.ts";

/** All that was set for a run, in words, by what it is called. */
export function settingsOf(run: RunData): Map<string, string> {
  const { plan, optimizer, data } = run;
  const settings = new Map<string, string>();
  const set = (name: string, value: Plain | undefined) => settings.set(name, plainText(value));
  set("network", run.model);
  set("frozen", frozenText(plan));
  set("trainable", plan.trainable);
  set("optimizer", optimizer.type);
  set("learning rate", ratesText(optimizer));
  set("weight decay", optimizer.groups.map(({ weightDecay }) => weightDecay));
  for (const [name, value] of Object.entries(optimizer.settings ?? {})) set(words(name), value);
  set("data", data.name);
  set("training samples", data.train);
  set("validation samples", data.validation);
  set("classes", data.classes);
  for (const { module, weight } of run.auxiliary ?? []) set(`${module}'s part of the loss`, weight);
  set("training labels", data.trainLabels);
  set("validation labels", data.validationLabels);
  for (const [name, value] of Object.entries(run.options)) set(words(name), value);
  return settings;
}

/** What was frozen, in words: `until layer3`, `nothing`, `conv1, part of layer2`. */
export function frozenText({ stages, movingBatchNorms }: RunData["plan"]): string {
  const counted = stages.filter(({ parameters }) => parameters > 0);
  const named = (state: StagePlan["state"]) => counted.filter((stage) => stage.state === state).map(({ name }) => name);
  const [frozen, partly] = [named("frozen"), named("partly")];
  const first = counted.findIndex(({ state }) => state !== "frozen");
  const moving = movingBatchNorms ? ", batch norm moves" : "";
  if (frozen.length + partly.length === 0) return "nothing";
  if (first < 0) return `everything${moving}`;
  if (counted.slice(first).every(({ state }) => state === "trainable")) return `until ${counted[first].name}${moving}`;
  const parts = [...frozen, ...partly.map((name) => `part of ${name}`)];
  return parts.join(", ") + moving;
}

/** The step sizes of an optimizer's groups. */
export function ratesText({ groups }: RunData["optimizer"]): string {
  return groups.map(({ name, learningRate }) => name ? `${name} ${learningRate}` : String(learningRate)).join(", ");
}
