import { jupyterDisplay, type TableSpec, toText } from "../display/mod.ts";
import type { ModelInfo } from "./info.ts";

/** Names of networks: an array, displayed as a table of what is known of each. */
export class ModelList extends Array<string> {
  // What filter and map give is an ordinary array.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  readonly #infos: readonly ModelInfo[];

  constructor(infos: readonly ModelInfo[]) {
    super();
    this.#infos = infos;
    this.push(...infos.map(({ name }) => name));
  }

  /** What there is to see. */
  spec(): TableSpec {
    return {
      kind: "table",
      columns: [
        { label: "network" },
        { label: "family" },
        { label: "year", align: "right" },
        { label: "parameters", format: "compact", align: "right" },
        {
          label: "GMACs",
          title: "billions of multiplications and additions for one picture",
          align: "right",
          format: "fixed",
        },
        {
          label: "top-1 %",
          title: "of the default weights, on ImageNet's validation pictures",
          align: "right",
          format: "fixed",
        },
        { label: "weights" },
      ],
      rows: this.#infos.map((info) => [
        info.name,
        info.family,
        String(info.paper.year),
        info.parameters,
        info.gigaMultiplyAdds ?? null,
        info.weights.DEFAULT?.accuracy?.top1 ?? null,
        info.weightsNames.join(", "),
      ]),
    };
  }

  [Symbol.for("Jupyter.display")](): Promise<Record<string, unknown>> {
    return jupyterDisplay(() => this.spec());
  }

  [Symbol.for("Deno.customInspect")](): string {
    return toText(this.spec());
  }
}
