import { fileURLToPath } from "node:url";
import { isAbsolute, sep } from "node:path";
import type { DataSpec } from "../../data/mod.ts";
import type { PlainDataSource } from "../trials/data_source.ts";
import type { PlainExperiment } from "../trials/experiment.ts";
import type { PlainModelSource } from "../trials/model_source.ts";

/** What a path of this machine leads to. */
export type PathRole = "module" | "checkpoint" | "folder";

/**
 * An experiment with all paths of this machine that it names replaced; URLs of elsewhere stay as they are.
 *
 * @param replace is given absolute paths
 */
export function mapPaths(
  { model, data, ...rest }: PlainExperiment,
  replace: (path: string, role: PathRole) => string,
): PlainExperiment {
  return { ...rest, model: mapModel(model, replace), data: mapData(data, replace) };
}

/** A path of this machine, from what may be a URL; undefined for what is elsewhere. */
export function localPath(pathOrUrl: string): string | undefined {
  if (pathOrUrl.startsWith("file:")) return fileURLToPath(pathOrUrl);
  return isAbsolute(pathOrUrl) ? pathOrUrl : undefined;
}

/** Whether a path is in a folder, or is the folder. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function mapModel(model: PlainModelSource, replace: (path: string, role: PathRole) => string): PlainModelSource {
  if ("module" in model) return { ...model, module: mapped(model.module, "module", replace) };
  if ("file" in model) return { ...model, file: mapped(model.file, "checkpoint", replace) };
  if (model.checkpoint === undefined) return model;
  return { ...model, checkpoint: mapped(model.checkpoint, "checkpoint", replace) };
}

function mapData(data: PlainDataSource, replace: (path: string, role: PathRole) => string): PlainDataSource {
  const part = <Spec extends DataSpec>(spec: Spec): Spec =>
    spec.data === "imageFolder" ? { ...spec, folder: mapped(spec.folder, "folder", replace) } : spec;
  if ("module" in data) return { ...data, module: mapped(data.module, "module", replace) };
  if ("train" in data) return { ...data, train: part(data.train), validation: part(data.validation) };
  return part(data);
}

function mapped(pathOrUrl: string, role: PathRole, replace: (path: string, role: PathRole) => string): string {
  const path = localPath(pathOrUrl);
  return path === undefined ? pathOrUrl : replace(path, role);
}
