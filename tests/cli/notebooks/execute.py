"""Executes a notebook and prints what its cells leave, as JSON: of each code cell the kinds of its outputs, and
the values of the names asked for. Usage: execute.py NOTEBOOK EXPRESSION"""

import json
import sys

import nbclient
import nbformat


def main(path, expression):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells), "a notebook ships without outputs"
    notebook.cells.append(nbformat.v4.new_code_cell(f"import json; print('VALUES', json.dumps({expression}))"))
    nbclient.NotebookClient(notebook, timeout=600).execute()
    *cells, last = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kinds = [sorted(kind for output in cell.outputs for kind in output.get("data", {output.output_type: 0}))
             for cell in cells]
    values = next(output.text for output in last.outputs if output.get("text", "").startswith("VALUES "))
    print(json.dumps({"kinds": kinds, "values": json.loads(values.removeprefix("VALUES "))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
