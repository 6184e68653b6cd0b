"""Prints what `probe --lm-eval --output FOLDER` wrote, with the lm-evaluation-harness's own code, and checks it against itself.

    pip install lm_eval && python3 examples/read_lm_eval.py FOLDER
"""

import json
import pathlib
import sys

from lm_eval.utils import (
    get_file_task_name,
    get_latest_filename,
    get_results_filenames,
    get_sample_results_filenames,
    hash_string,
    make_table,
)

for arm in sorted(path for path in (pathlib.Path(sys.argv[1]) / "lm-eval").iterdir() if path.is_dir()):
    files = [path.as_posix() for path in arm.iterdir()]
    results = json.loads(pathlib.Path(get_latest_filename(get_results_filenames(files))).read_text("utf-8"))
    print(arm.name)
    print(make_table(results))
    samples = {get_file_task_name(pathlib.Path(name).name): name for name in get_sample_results_filenames(files)}
    assert set(samples) == set(results["results"]) == set(results["configs"])
    for task, name in samples.items():
        lines = [json.loads(line) for line in pathlib.Path(name).read_text("utf-8").splitlines()]
        assert [line["doc_id"] for line in lines] == list(range(results["n-samples"][task]["effective"]))
        hashes = []
        for line in lines:
            # As `lm_eval.evaluator` makes them.
            assert line["doc_hash"] == hash_string(json.dumps(line["doc"], indent=2, ensure_ascii=False))
            assert line["prompt_hash"] == hash_string(line["arguments"]["gen_args_0"]["arg_0"])
            assert line["target_hash"] == hash_string(line["target"])
            hashes.append(line["doc_hash"] + line["prompt_hash"] + line["target_hash"])
            scores = [float(response[0]) for response in line["filtered_resps"]]
            assert line["acc"] == float(scores.index(max(scores)) == int(line["target"]))
        assert results["task_hashes"][task] == hash_string("".join(hashes))
        for metric in results["higher_is_better"][task]:
            mean = sum(line[metric] for line in lines) / len(lines)
            assert abs(mean - results["results"][task][f"{metric},none"]) < 1e-9
print("The files agree with themselves.")
