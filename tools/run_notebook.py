"""run_notebook.py NOTEBOOK --out FILE [--html FILE [--plotly FILE]] [--kernel NAME] [--timeout S] [--skip-tag TAG]

Runs a notebook in a Jupyter kernel and keeps what came of it, also when a cell fails or the time is up. Each line on
stdout is one JSON object that tells how far it is. Exits with 0 when every cell ran, 1 when one failed, 2 when the
kernel did not start, died or took too long.
"""
import argparse
import asyncio
import copy
import json
import os
import signal
import sys
import time
from queue import Empty

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError, DeadKernelError

DRAIN_SECONDS = 0.15

FIGURE = "application/vnd.plotly.v1+json"

# nbconvert's page with all in it: without the scripts that it would load for widgets, diagrams and formulas, and with
# plotly.js where there are figures.
PAGE = """{% extends "lab/index.html.j2" %}
{% block html_head_js_requirejs %}{{ resources.plotly }}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
"""


def tell(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


class DrainingClient(NotebookClient):
    """Deno's kernel sends some outputs after it has said that it is idle; nbclient alone would lose those."""

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)  # returns at `idle`
        while True:
            try:
                message = await self.kc.iopub_channel.get_msg(timeout=DRAIN_SECONDS)
            except Empty:
                return
            if message["parent_header"].get("msg_id") == parent_msg_id:
                try:
                    self.process_message(message, cell, cell_index)
                except CellExecutionComplete:
                    pass

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        text = content.get("text") or content.get("data", {}).get("text/plain")
        if text and text.strip():
            tell("text", text=text.strip().splitlines()[-1][:200])
        return super().process_message(msg, cell, cell_index)


def drop_empty_results(notebook):
    """A display that has sent itself leaves an empty result, which a page would show as a bare `Out[1]:`."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.output_type != "execute_result" or o.data]


def script(text):
    """In a script's text neither its end nor a comment may begin."""
    return "<script>" + text.replace("</script", "<\\/script").replace("<!--", "<\\!--") + "</script>"


def figures_as_html(notebook):
    """Puts what draws itself in the place of each figure, on a copy; until it is drawn its picture is there."""
    page = copy.deepcopy(notebook)
    outputs = [o for c in page.cells if c.cell_type == "code" for o in c.outputs if FIGURE in o.get("data", {})]
    for number, output in enumerate(outputs, 1):
        figure, picture = output.data[FIGURE], output.data.get("image/png", "")
        place = f"thaw-figure-{number}"
        draw = f"""(function () {{
  var place = document.getElementById("{place}"), figure = {json.dumps(figure)};
  place.replaceChildren();
  Plotly.newPlot(place, figure.data, figure.layout, figure.config);
}})();"""
        image = f'<img src="data:image/png;base64,{"".join(picture)}" alt="">' if picture else ""
        output.data = nbformat.from_dict({"text/html": f'<div id="{place}">{image}</div>{script(draw)}'})
    return page, len(outputs)


def write_html(notebook, path, title, plotly):
    from nbconvert import HTMLExporter

    library = ""
    if plotly:
        notebook, count = figures_as_html(notebook)
        if count:
            with open(plotly, encoding="utf-8") as file:
                library = script(file.read())
    exporter = HTMLExporter(embed_images=True, raw_template=PAGE)
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": title}, "plotly": library})
    write_at_once(path, page)


def write_at_once(path, text):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path + ".partial", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".partial", path)


def run(options):
    notebook = nbformat.read(options.notebook, as_version=4)
    skipped = [c for c in notebook.cells if set(c.metadata.get("tags", [])) & set(options.skip_tag)]
    notebook.cells = [c for c in notebook.cells if c not in skipped]
    code = [i for i, c in enumerate(notebook.cells) if c.cell_type == "code" and c.source.strip()]
    number = {index: n for n, index in enumerate(code, 1)}
    started = {}

    def on_start(cell, cell_index):
        if cell_index in number:
            started[cell_index] = time.monotonic()
            tell("cell", number=number[cell_index], of=len(code), index=cell_index, source=cell.source)

    def on_end(cell, cell_index, execute_reply):
        if cell_index in number:
            tell("ran", number=number[cell_index], seconds=time.monotonic() - started[cell_index])

    client = DrainingClient(
        notebook,
        kernel_name=options.kernel,
        timeout=options.timeout,
        startup_timeout=120,
        interrupt_on_timeout=False,
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(options.notebook))}},
        on_cell_execute=on_start,
        on_cell_executed=on_end,
    )
    begun = time.monotonic()
    try:
        client.execute()
        return 0
    except CellExecutionError as error:
        tell("failed", name=error.ename, message=error.evalue, traceback=error.traceback)
        return 1
    except CellTimeoutError:
        tell("broke", message=f"expected each cell to end within {options.timeout} s, found one that did not")
        return 2
    except DeadKernelError:
        tell("broke", message="expected the kernel to live, found it dead (out of memory, or a crash in native code)")
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError, AssertionError):
        # On SIGINT and SIGTERM nbclient ends the kernel, and then fails to assert that it has one.
        tell("broke", message="stopped")
        return 2
    except Exception as error:  # no such kernel, a kernel that does not start
        tell("broke", message=f"{type(error).__name__}: {error}")
        return 2
    finally:
        drop_empty_results(notebook)
        notebook.metadata["thaw"] = {"seconds": round(time.monotonic() - begun, 1)}
        write_at_once(options.out, nbformat.writes(notebook) + "\n")
        tell("wrote", path=options.out)
        if options.html:
            write_html(notebook, options.html, os.path.splitext(os.path.basename(options.notebook))[0], options.plotly)
            tell("wrote", path=options.html)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("notebook")
    parser.add_argument("--out", required=True)
    parser.add_argument("--html")
    parser.add_argument("--plotly", help="plotly.js, with which the page's figures are interactive")
    parser.add_argument("--kernel", default="thaw")
    parser.add_argument("--timeout", type=int, default=None)
    parser.add_argument("--skip-tag", action="append", default=[])
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    sys.exit(run(parser.parse_args()))
