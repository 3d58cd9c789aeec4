/** A page of docs/displays. */
export interface Page {
  /** Its name, without an ending. */
  file: string;
  title: string;
  /** What the display is; the first sentence stands in the index. */
  words: string;
  /** What makes it; its last line shows it. */
  code: string;
  /** What the picture shows, for those who do not see it. */
  alt: string;
  /** How far into the HTML folds are unfolded for the picture. */
  open?: number;
  /** The width of the browser's window in pixels; 960. */
  width?: number;
  /** Its height: what is below is cut off; 1,200. */
  height?: number;
}

/** A head trained on frozen features of some emoji, as the pages on training need one. */
const trained = `
const emoji = (await data.emoji({ size: 360 })).split({ validation: 0.3, seed: 1 });
const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
model.transforms = { ...model.transforms!, resize: 96, crop: 96 };
model.classifier[1] = new nn.Linear(1280, 9);
model.classes = emoji.classes;
freeze(model, { until: "classifier" });
manualSeed(1);
`;

/** Emoji in a size that is enough for them, for the pages that compare splits of a network. */
const small = `
const emoji = (await data.emoji({ size: 480 })).split({ validation: 0.4, seed: 1 });
const transforms = { ...models.info("efficientnet_lite0").weights.DEFAULT.transforms, resize: 96, crop: 96 };
`;

/** A picture for the pages that look into a network. */
const orangutan = `
const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
const emoji = await data.emoji();
const picture = emoji.examples(4)[7]; // an orangutan
`;

/** The pages, in the index's order. */
export const pages: readonly Page[] = [
  {
    file: "zoo",
    title: "Zoo",
    words:
      "The networks that thaw can make: family, year, size, multiply-adds, the accuracy of the default weights, and which weights " +
      "there are. `models.list()` gives all of them; `include`, `exclude` and `family` choose.",
    code: `import { models, show } from "thaw";

await show(
  models.list({
    include: ["*net18", "*net50*", "mobilenet*", "efficientnet_b*", "efficientnet_lite*", "*_t", "vit_b*"],
  }),
);
`,
    alt:
      "A table of networks with their family, year, parameters, multiply-adds, accuracy and the names of their weights",
    width: 1080,
    height: 1000,
  },
  {
    file: "module-tree",
    title: "Module tree",
    words: "A network as a foldable tree with the parameters of each part. Ice is frozen, embers train; " +
      "`String(model)` is what torch prints.",
    code: `import { freeze, models, show } from "thaw";

const model = models.resnet18();
freeze(model, { until: "layer3" });
await show(model.get("layer3"));
`,
    alt: "The modules of a stage of resnet18, one under the other, each with its parameters and a bar of their share",
    open: 100000,
  },
  {
    file: "summary",
    title: "Summary",
    words: "What each module makes of an input: its output's shape, its mode, its parameters and multiply-adds, with " +
      "an estimate of memory. The figures are torchinfo's.",
    code: `import { freeze, models, show, summary } from "thaw";

const model = models.resnet18();
freeze(model, { until: "layer3" });
await show(summary(model, 224));
`,
    alt: "The stages of resnet18 with output shapes, modes, parameters and multiply-adds; totals and memory below",
    open: 400,
    width: 1020,
  },
  {
    file: "state-dict",
    title: "State dict",
    words: "Each tensor's name, shape, element type, mean, deviation and histogram, folded by module.",
    code: `import { models, show } from "thaw";

const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
await show(model.stateDict().filter((name) => name.startsWith("features.1.")));
`,
    alt: "A table of tensors with their shapes, means, standard deviations and small histograms",
    open: 100000,
    width: 1100,
  },
  {
    file: "state-dict-diff",
    title: "Difference of state dicts",
    words:
      "How two state dicts compare, name by name: what only one of them has, what has another shape, and how far " +
      "apart the rest is. Equal entries are counted. `before.diff(after)` gives it.",
    code: `import { data, fit, freeze, manualSeed, models, nn, show } from "thaw";
${trained}freeze(model, { until: "features.8" });
const before = model.stateDict();
await fit(model, emoji, { epochs: 2 });
await show(await before.diff(model.stateDict()));
`,
    alt: "A table of the tensors that a training changed, with shapes, relative and largest distances",
  },
  {
    file: "freeze-map",
    title: "Freeze map",
    words: "Which stages are frozen and which train, each as wide as its share of the parameters.",
    code: `import { freeze, models, show } from "thaw";

await show(freeze(models.resnet18(), { until: "layer3" }));
`,
    alt: "The stages of resnet18 as blocks in a row: those before layer3 frozen, layer3 and what follows trainable",
  },
  {
    file: "changes",
    title: "Changes",
    words:
      "What surgery on a network did: its modules before and after, what stays and why, and the state dict's new " +
      "names. `replace`, `insertAfter`, `remove`, `adaptInput`, `setDropout`, `foldBatchNorm`, `removeBatchNorm` and " +
      "`insertBatchNorm` give it.",
    code: `import { foldBatchNorm, models, show } from "thaw";

const model = models.resnet18();
await show(foldBatchNorm(model, ["bn1", "layer1.*"]));
`,
    alt: "A table of convolutions that batch norm was folded into, and of batch norms that are Identity now",
  },
  {
    file: "structure",
    title: "Structure before and after",
    words: "What became of a network's layers: added, removed, changed or renamed, which have pretrained values and " +
      "which new ones, and what is frozen. What stayed is folded. `compareStructure(before, model)` gives it.",
    code:
      `import { compareStructure, freeze, insertAfter, models, nn, remove, replaceHead, show, structure } from "thaw";

const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
const before = structure(model);
insertAfter(model, "features.3", new nn.Dropout2d(0.1));
remove(model, "features.6.2");
replaceHead(model, 9);
freeze(model, { until: "features.8" });
await show(compareStructure(before, model));
`,
    alt: "The layers of a network: one added, a block removed, the head changed; the rest folded, with its parameters",
    width: 1100,
    height: 1280,
  },
  {
    file: "overlay",
    title: "Overlay",
    words:
      "What a state dict laid over another network did: how many entries were copied, and which were copied partly, " +
      "have another shape, are missing or unexpected. `overlay(model, stateDict)` gives it.",
    code: `import { insertAfter, models, nn, overlay, replace, show } from "thaw";

const pretrained = await models.efficientnet_lite0({ weights: "DEFAULT" });
const model = models.efficientnet_lite0({ numClasses: 9 });
replace(model, "features.0.0", new models.Conv2dSame(3, 32, 5, { stride: 2, bias: false })); // it was 3 × 3
insertAfter(model, "features.8", new nn.Conv2d(1280, 1280, 1));
const body = pretrained.stateDict().filter(/^features/);
await show(await overlay(model, body, { partial: "center" }));
`,
    alt: "A table of the entries that were not simply copied: names, outcomes, both shapes, the share that was copied",
  },
  {
    file: "dataset-sheet",
    title: "Dataset sheet",
    words: "How many samples each class has, and a sample of each.",
    code: `import { data, show } from "thaw";

await show(await data.emoji());
`,
    alt: "The counts of nine classes of emoji as bars, and a picture of each class",
  },
  {
    file: "runs",
    title: "Runs",
    words: "Every training since the kernel started: what was frozen, the rates, the result.",
    code: `import { data, fit, freeze, manualSeed, models, nn, runs, show } from "thaw";
${trained}await fit(model, emoji, { name: "head", epochs: 4 });
freeze(model, { until: "features.7" });
await fit(model, emoji, { name: "last stages", epochs: 4, learningRate: 3e-4 });
await show(runs());
`,
    alt: "A table of two runs with what was frozen, how many parameters trained, the rates and the best accuracy",
    width: 1000,
  },
  {
    file: "learning-curves",
    title: "Learning curves",
    words: "Loss and accuracy by epoch, in training and validation. In a notebook they move while the network trains.",
    code: `import { data, fit, freeze, manualSeed, models, nn, show } from "thaw";
${trained}await show(await fit(model, emoji, { epochs: 6 }));
`,
    alt: "Two panels of curves: loss falls and accuracy rises over six epochs, in training and in validation",
  },
  {
    file: "comparison",
    title: "Comparison of runs",
    words: "The curves of several runs in one picture, and only what differed between them.",
    code: `import { compare, data, fit, freeze, manualSeed, models, nn, show } from "thaw";
${trained}const head = await fit(model, emoji, { name: "head", epochs: 4 });
freeze(model, { until: "features.7" });
const stages = await fit(model, emoji, { name: "last stages", epochs: 4, learningRate: 3e-4 });
await show(compare(head, stages));
`,
    alt: "Validation accuracy and loss of two runs, overlaid, above a table of the settings that differed",
  },
  {
    file: "range-test",
    title: "Learning-rate range test",
    words:
      "The loss while the learning rate grows, and the rate that its longest fall suggests (Smith 2015). Network, " +
      "optimizer and random state are afterwards as they were.",
    code: `import { data, findLearningRate, freeze, manualSeed, models, nn, show } from "thaw";
${trained}await show(await findLearningRate(model, emoji));
`,
    alt: "A curve of the loss over learning rates: it stays, falls, and rises again; two rates are marked on its fall",
  },
  {
    file: "split-study",
    title: "Split study",
    words: "Which layers to freeze: the accuracy of each split of a network with its noise over seeds, what it cost, " +
      "and a sentence on whether the best one is better than its neighbours by more than that noise.",
    code: `import { data, models, show, studySplits } from "thaw";
${small}const network = { model: "efficientnet_lite0", options: { weights: "DEFAULT" } };
const splits = ["features.5", "features.6", "features.7", "features.8", "classifier"];
await show(await studySplits(network, emoji, { splits, seeds: 3, epochs: 5, transforms }));
`,
    alt:
      "Validation accuracy by the first stage that trains, with its spread over seeds; a table; curves; a freeze map",
    height: 2400,
  },
  {
    file: "dropout-study",
    title: "Dropout study",
    words:
      "What dropout does at each rate and from each number of training pictures: training and validation accuracy, " +
      "the gap between them with its noise over seeds, and a sentence on whether the best rate leads by more than that noise.",
    code: `import { data, nn, show, studyDropout } from "thaw";

const emoji = (await data.emoji({ size: 1000 })).split({ validation: 0.4, seed: 1 });
const network = () => {
  const hidden = [new nn.Linear(24 * 24 * 3, 512), new nn.ReLU(), new nn.Dropout()];
  const net = new nn.Sequential(new nn.Flatten(), ...hidden, new nn.Linear(512, 9));
  net.transforms = { resize: 24, crop: 24, interpolation: "bilinear", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
  return net;
};
const sizes = [150, emoji.train.length];
await show(await studyDropout(network, emoji, { sizes, until: "1", epochs: 25, batchSize: 64 }));
`,
    alt: "Training and validation accuracy by rate of dropout, for two numbers of pictures; the gap; a table; curves",
    height: 2400,
  },
  {
    file: "batch-norm-study",
    title: "Batch norm study",
    words:
      "What batch norm does for a network: its accuracy with and without at each learning rate, what broke off or " +
      "learnt nothing, the loss, and how activations move while it trains (Ioffe & Szegedy 2015).",
    code: `import { data, models, nn, show, studyBatchNorm } from "thaw";
${small}const block = (inputs: number, outputs: number) => [
  new nn.Conv2d(inputs, outputs, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(outputs),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
];
const head = () => [new nn.AdaptiveAvgPool2d(1), new nn.Flatten(), new nn.Linear(64, 9)];
const network = () => new nn.Sequential(...block(3, 16), ...block(16, 32), ...block(32, 64), ...head());
const study = await studyBatchNorm(network, emoji, {
  learningRates: [0.01, 0.1, 1],
  optimizer: "sgd",
  batchSize: 16,
  epochs: 6,
  transforms: { ...transforms, resize: 32, crop: 32 },
});
await show(study);
`,
    alt:
      "Validation accuracy over learning rates with batch norm and without; a table; training loss; percentiles of " +
      "activations of three layers by epoch; distances of running statistics by depth",
    height: 2800,
  },
  {
    file: "batch-norm-drift",
    title: "Batch norm drift",
    words:
      "What becomes of a frozen network whose batch norm goes on training, as it does in PyTorch unless one sees to " +
      "it: how far its statistics drift, and the accuracy that it costs, beside those that `freeze` keeps.",
    code: `import { data, models, show, studyBatchNorm } from "thaw";
${small}const network = { model: "efficientnet_lite0", options: { weights: "DEFAULT" } };
const layers = ["features.0.1", "features.4.1.block.1.1", "features.8.1"];
await show(await studyBatchNorm(network, emoji, { until: "classifier", layers, batchSize: 16, epochs: 5, transforms }));
`,
    alt:
      "Accuracy with frozen and with moving statistics; a table; training loss; activations; drift by epoch and by depth",
    height: 2800,
  },
  {
    file: "strategy",
    title: "Strategy",
    words: "What to freeze and how to train, from frozen features alone: where the data stands by its size and its " +
      "similarity to the pretraining task, and what each stage's features are worth for it.",
    code: `import { data, models, show, strategy } from "thaw";
${small}const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
await show(await strategy(model, emoji, { transforms }));
`,
    alt: "Four quadrants of size and similarity with the data's place; probe accuracies by stage; a freeze map",
    height: 2400,
  },
  {
    file: "predictions",
    title: "Predictions",
    words: "Pictures with the most likely classes of each.",
    code: `import { data, models, show } from "thaw";

const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
const emoji = await data.emoji();
await show(await model.predict(emoji.examples().slice(2, 8), { topK: 3 }));
`,
    alt: "Six emoji, each with the three most likely of ImageNet's classes and bars of their probabilities",
  },
  {
    file: "confusion-matrix",
    title: "Confusion matrix",
    words: "How often each class was taken for each. Counts, and shares of the true class; blue is right, vermillion " +
      "is not. `mistakes()` lists the pairs.",
    code: `import { confusionMatrix, data, evaluate, fit, freeze, manualSeed, models, nn, show } from "thaw";
${trained}await fit(model, emoji, { epochs: 6 });
await show(confusionMatrix(await evaluate(model, emoji.validation), emoji));
`,
    alt: "A matrix of nine by nine classes with counts and percentages; the diagonal is blue, mistakes are vermillion",
  },
  {
    file: "class-report",
    title: "Precision and recall",
    words: "Precision, recall and F1 of each class, and their means over the classes.",
    code: `import { classReport, data, evaluate, fit, freeze, manualSeed, models, nn, show } from "thaw";
${trained}await fit(model, emoji, { epochs: 6 });
await show(classReport(await evaluate(model, emoji.validation), emoji));
`,
    alt: "A table of nine classes with precision, recall, a bar of F1, and how many samples there are",
  },
  {
    file: "most-wrong",
    title: "Most wrong",
    words: "The pictures with the highest losses, with what was predicted and what is true.",
    code: `import { data, fit, freeze, manualSeed, models, mostWrong, nn, show } from "thaw";
${trained}await fit(model, emoji, { epochs: 6 });
await show(await mostWrong(model, emoji.validation, { count: 6 }));
`,
    alt: "Six emoji with their true classes, and bars of how likely the predicted and the true class were found",
    width: 920,
  },
  {
    file: "filters",
    title: "Filters",
    words: "The filters of a network's first convolution as pictures.",
    code: `import { filters, models, show } from "thaw";

const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
await show(await filters(model));
`,
    alt: "Thirty-two small pictures of three by three coloured squares",
  },
  {
    file: "feature-maps",
    title: "Feature maps",
    words: "What a stage of a network makes of a picture: its strongest channels.",
    code: `import { data, featureMaps, models, show } from "thaw";
${orangutan}await show(await featureMaps(model, picture, { stage: "features.2", count: 8 }));
`,
    alt: "Eight maps of an orangutan emoji, from violet to yellow: outlines, surfaces, its face",
  },
  {
    file: "grad-cam",
    title: "Grad-CAM",
    words: "Where in a picture a network sees a class (Selvaraju et al. 2017). Yellow speaks for it, violet does not.",
    code: `import { data, gradCam, models, show } from "thaw";
${orangutan}await show(await gradCam(model, picture, { class: "orangutan" }));
`,
    alt: "An orangutan emoji, and the same with heat over it: yellow where the network sees an orangutan",
  },
  {
    file: "dropped-units",
    title: "Dropped units",
    words: "What dropout does to one picture: the activations that enter the layer, and which of them each pass drops.",
    code: `import { data, droppedUnits, models, show } from "thaw";
${orangutan}await show(await droppedUnits(model, picture));
`,
    alt: "Four squares of 1,280 cells, grey by activation; in three of them a fifth of the cells is orange",
    width: 1000,
  },
  {
    file: "monte-carlo-dropout",
    title: "Monte-Carlo dropout",
    words:
      "How certain a network is of each image: many passes with dropout on (Gal & Ghahramani 2016), the least and the " +
      "most certain images, and whether uncertainty tells right from wrong.",
    code: `import { data, fit, freeze, manualSeed, models, monteCarloDropout, nn, show } from "thaw";
${trained}model.get("classifier.0", nn.Dropout).p = 0.5;
await fit(model, emoji, { epochs: 6 });
await show(await monteCarloDropout(model, emoji.validation, { count: 3 }));
`,
    alt:
      "Six emoji that the network doubts and six that it is sure of, with bars of probabilities; below, two charts: " +
      "accuracy by how many are kept, entropies of right and of wrong answers",
    width: 1060,
    height: 1600,
  },
  {
    file: "batch-statistics",
    title: "Batch statistics",
    words:
      "How far a batch is from what each batch norm expects: its means and variances beside the running ones, layer " +
      "by layer.",
    code: `import { batchStatistics, data, models, show } from "thaw";

const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
model.transforms = { ...model.transforms!, resize: 96, crop: 96 }; // emoji, for a network that knows photographs
await show(await batchStatistics(model, await data.emoji()));
`,
    alt: "Two charts of distances over 49 batch norms, above a table with bars and small histograms for each layer",
    open: 20000,
    width: 1100,
    height: 2400,
  },
];
