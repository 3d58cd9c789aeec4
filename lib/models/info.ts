import { type Cell, Displayable, type Spec, type TableSpec } from "../display/mod.ts";
import { random } from "../engine/random.ts";
import type { Module } from "../nn/mod.ts";
import type { RemoteFile, Weights, WeightsTable } from "./weights_table.ts";

/** Where a network was first described. */
export interface Paper {
  title: string;
  authors: string;
  year: number;
  url: string;
}

/** What is known of a network without making it; displays as its weights. */
export class ModelInfo extends Displayable {
  /** Its name, as torchvision's where torchvision has it. */
  readonly name: string;
  /** The family of networks that it belongs to. */
  readonly family: string;
  readonly paper: Paper;
  /** The dotted name of the layer that makes logits of features. */
  readonly head: string;
  /** The same of its auxiliary heads, which only training uses; mostly there are none. */
  readonly auxiliaryHeads: readonly string[];
  /** What can be said about the network besides `weights`, `numClasses` and `head`. */
  readonly options: Readonly<Record<string, string>>;
  /** Its pretrained weights by name; `DEFAULT` is one of the others. */
  readonly weights: Readonly<Record<string, Weights>>;
  /** The name of the weights that `DEFAULT` stands for; undefined where there are none. */
  readonly default?: string;
  readonly #build: () => Module;
  #parameters?: number;

  constructor(
    about: {
      name: string;
      family: string;
      paper: Paper;
      head: string;
      auxiliaryHeads?: readonly string[];
      options: Readonly<Record<string, string>>;
      weights?: WeightsTable;
    },
    build: () => Module,
  ) {
    super();
    this.name = about.name;
    this.family = about.family;
    this.paper = about.paper;
    this.head = about.head;
    this.auxiliaryHeads = about.auxiliaryHeads ?? [];
    this.options = about.options;
    const table = about.weights;
    this.weights = table ? { ...table.entries, DEFAULT: table.entries[table.default] } : {};
    this.default = table?.default;
    this.#build = build;
  }

  /** The number of parameters: with the default weights, or, where there are none, as it is unless told. */
  get parameters(): number {
    return this.#parameters ??= this.weights.DEFAULT?.parameters ??
      withoutRandom(this.#build).parameters().reduce((total, { size }) => total + size, 0);
  }

  /** Billions of multiplications and additions for one picture of the default weights' size. */
  get gigaMultiplyAdds(): number | undefined {
    return this.weights.DEFAULT?.gigaMultiplyAdds;
  }

  /** The names of the weights, without `DEFAULT`. */
  get weightsNames(): string[] {
    return Object.keys(this.weights).filter((name) => name !== "DEFAULT");
  }

  override spec(): Spec {
    const { title, authors, year, url } = this.paper;
    const size = `${this.parameters.toLocaleString("en")} parameters, head "${this.head}"`;
    const options = Object.entries(this.options).map(([name, meaning]) => `${name}: ${meaning}`);
    return {
      kind: "stack",
      items: [
        { kind: "text", text: `${this.name}: ${size}` },
        { kind: "text", text: `${authors} (${year}), ${title}, ${url}`, tone: "muted" },
        this.#table(),
        ...this.#licenses(),
        { kind: "text", text: ["weights, numClasses, head", ...options].join("\n"), tone: "muted", code: true },
      ],
    };
  }

  /** Some weights may not be used for everything. */
  #licenses(): Spec[] {
    const licenses = new Set(this.weightsNames.flatMap((name) => this.weights[name].license ?? []));
    return Array.from(licenses, (license) => {
      const names = this.weightsNames.filter((name) => this.weights[name].license === license);
      return { kind: "text", text: `License of ${names.join(", ")}: ${license}` };
    });
  }

  #table(): TableSpec {
    return {
      kind: "table",
      columns: [
        { label: "weights" },
        {
          label: "top-1 %",
          title: "ImageNet's validation pictures whose class is the first",
          align: "right",
          format: "fixed",
        },
        {
          label: "top-5 %",
          title: "ImageNet's validation pictures whose class is among the first five",
          align: "right",
        },
        {
          label: "GMACs",
          title: "billions of multiplications and additions for one picture",
          align: "right",
          format: "fixed",
        },
        { label: "pixels", align: "right" },
        { label: "file", align: "right", format: "bytes" },
        { label: "recipe" },
      ],
      rows: this.weightsNames.map((name) => weightsRow(name, this.weights[name], name === this.default)),
    };
  }
}

function weightsRow(name: string, weights: Weights, isDefault: boolean): Cell[] {
  const { accuracy, transforms, gigaMultiplyAdds, file, recipe } = weights;
  return [
    isDefault ? { text: `${name} (DEFAULT)`, tone: "accent" } : weights.categories ? name : `${name} (features alone)`,
    accuracy?.top1 ?? null,
    accuracy?.top5 ?? null,
    gigaMultiplyAdds,
    transforms.crop ?? String(transforms.resize),
    "url" in file ? bytesOf(file) : file.bytes,
    recipe,
  ];
}

function bytesOf({ mebibytes }: RemoteFile): number | null {
  return mebibytes === undefined ? null : Math.round(mebibytes * 2 ** 20);
}

/** Runs `use` without moving the generator on: looking at a network must not change what is trained afterwards. */
function withoutRandom<T>(use: () => T): T {
  const state = random.save();
  try {
    return use();
  } finally {
    random.restore(state);
  }
}
