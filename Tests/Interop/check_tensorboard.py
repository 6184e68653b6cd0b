"""Shows that TensorBoard reads Recto's event files, and how its own writer frames the records that the tests know.

    pip install tensorboard==2.21.0 && python check_tensorboard.py [RUN ...]

Without arguments prints the records of Tests/TrainingTests/EventFileTests.swift as TensorBoard writes them. A RUN is the folder
of a run trained with --tensorboard: every scalar that TensorBoard reads is compared with the run's metrics.jsonl.
"""

import io
import json
import pathlib
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def record(event):
    file = io.BytesIO()
    RecordWriter(file).write(event.SerializeToString())
    return file.getvalue().hex()


def check(run):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    accumulator = EventAccumulator(str(run), size_guidance={"scalars": 0})
    accumulator.Reload()
    found = 0
    for tag in accumulator.Tags()["scalars"]:
        events = {event.step: event.value for event in accumulator.Scalars(tag)}
        expected = {}
        for line in lines:
            values = line | {"in_context/" + k.replace(" ", "_"): v for k, v in line.get("in_context", {}).items()}
            if tag in values:
                expected[line["step"]] = struct.unpack("f", struct.pack("f", values[tag]))[0]
        assert events == expected, (run, tag)
        found += len(events)
    assert {"loss", "learning_rate", "gradient_norm", "tokens_per_second"} <= set(accumulator.Tags()["scalars"])
    print(f"{run}: {found} scalars of {len(accumulator.Tags()['scalars'])} tags and {len(lines)} steps, as in metrics.jsonl")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(record(Event(wall_time=1_700_000_000.25, file_version="brain.Event:2")))
        values = [Summary.Value(tag="loss", simple_value=2.5), Summary.Value(tag="x", simple_value=-1)]
        print(record(Event(wall_time=1_700_000_001, step=300, summary=Summary(value=values))))
    for run in sys.argv[1:]:
        check(pathlib.Path(run))
