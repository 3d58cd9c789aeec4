const WAIT = 5_000; // ms; an interpreter on a slow disk takes one or two seconds

// Where Python would import TensorFlow from, without importing it. The current folder is not looked at: any folder
// there that is called tensorflow would look like a package.
const QUESTION = `
import importlib.util, sys
sys.path = [path for path in sys.path if path]
spec = importlib.util.find_spec("tensorflow")
print(list(spec.submodule_search_locations)[0] if spec else "")`;

/** The folder of the TensorFlow that Python would import, or why there is none. Prints nothing, and does not wait long. */
export async function pythonTensorflow(): Promise<
  { folder: string; reason?: undefined } | {
    folder?: undefined;
    reason: string;
  }
> {
  const python = Deno.build.os === "windows" ? "python" : "python3";
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), WAIT);
  try {
    const { success, stdout } = await new Deno.Command(python, {
      args: ["-c", QUESTION],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: patience.signal,
    }).output();
    if (patience.signal.aborted) return { reason: `${python} did not answer within ${WAIT / 1000} s` };
    if (!success) return { reason: `${python} could not be asked` };
    const folder = new TextDecoder().decode(stdout).trim();
    return folder ? { folder } : { reason: `${python} has no tensorflow` };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { reason: `there is no ${python} on the PATH` };
    return { reason: `${python} could not be asked: ${(error as Error).message}` };
  } finally {
    clearTimeout(timer);
  }
}
