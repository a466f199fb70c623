"""Prints the event file that tests/report/events_test.cpp expects, made by TensorBoard's own classes.

    python3 -m venv VENV && VENV/bin/pip install tensorboard && VENV/bin/python tests/reference/make_events_reference.py
"""
import io

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

ROWS = [(0, 0.25, 2.5, 0.125, 3.0), (1, 0.5, 1.5, float("nan"), float("inf")), (2, 0.75, 1.0, 0.625, 2.0)]
TAGS = ("accuracy", "loss", "val_accuracy", "val_loss")
START, SECONDS, RATES = 1000.5, (2.0, 4.0, 6.25), (0.5, 0.25, 0.125)


class KeptOpen(io.BytesIO):
    def close(self):
        pass


def main():
    file = KeptOpen()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=START, file_version="brain.Event:2").SerializeToString())
    for (epoch, *values), seconds, rate in zip(ROWS, SECONDS, RATES):
        scalars = [Summary.Value(tag=tag, simple_value=value) for tag, value in zip(TAGS, values)]
        scalars.append(Summary.Value(tag="learning_rate", simple_value=rate))
        event = Event(wall_time=START + seconds, summary=Summary(value=scalars))
        event.step = epoch
        writer.write(event.SerializeToString())
    text = file.getvalue().hex()
    for begin in range(0, len(text), 96):
        print(f'    "{text[begin:begin + 96]}"')


if __name__ == "__main__":
    main()
