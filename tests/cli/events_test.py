"""TensorBoard's event file, read by a decoder of this test's own (slow_tensorboard_test.py has the real one)."""
import csv
import math
import random
import struct
import time

from nnrun_cli import CliTest, main, run, tiny

TAGS = ["accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    while data:
        length, = struct.unpack("<Q", data[:8])
        assert struct.unpack("<I", data[8:12])[0] == masked(data[:8]), "CRC of a length"
        content, rest = data[12:12 + length], data[12 + length:]
        assert len(content) == length and struct.unpack("<I", rest[:4])[0] == masked(content), "CRC of a record"
        yield content
        data = rest[4:]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """(number, value) of every protobuf field."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        else:
            size, kind = {1: (8, "<d"), 5: (4, "<f")}[key & 7]
            value, at = struct.unpack(kind, data[at:at + size])[0], at + size
        yield key >> 3, value


def read_events(folder):
    """[(step, wall time, {tag: value})] of the folder's only event file."""
    file, = folder.glob("events.out.tfevents.*")
    first, *rest = [list(fields(record)) for record in records(file.read_bytes())]
    assert dict(first)[3] == b"brain.Event:2", first
    events = []
    for event in map(dict, rest):
        scalars = [dict(fields(value)) for number, value in fields(event[5]) if number == 1]
        events.append((event.get(2, 0), event[1], {value[1].decode(): value[2] for value in scalars}))
    return events


class Events(CliTest):
    def check(self, folder, epochs):
        events = read_events(folder)
        self.assertEqual([step for step, _, _ in events], list(range(epochs)))
        with open(folder / "metrics.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        for row, (_, _, scalars) in zip(rows, events, strict=True):
            self.assertEqual(list(scalars), TAGS)
            for tag in TAGS[:4]:
                self.assertEqual(scalars[tag], struct.unpack("<f", struct.pack("<f", float(row[tag])))[0])
        times = [wall_time for _, wall_time, _ in events]
        self.assertEqual(times, sorted(times))
        self.assertLess(abs(times[-1] - time.time()), 600)
        return events

    def test_one_event_per_epoch_with_the_rate_of_the_schedule(self):
        schedule = {"type": "step", "every": 2, "factor": 0.5}
        self.train(config=tiny(output__tensorboard=True, optimizer__schedule=schedule))
        events = self.check(self.folder / "run", 4)
        for (_, _, scalars), rate in zip(events, (0.01, 0.01, 0.005, 0.005)):
            self.assertTrue(math.isclose(scalars["learning_rate"], rate, rel_tol=1e-6), scalars)
        run("verify", self.folder / "run")

    def test_no_file_unless_asked(self):
        self.train()
        self.assertEqual(list((self.folder / "run").glob("events*")), [])

    def test_killed_runs_neither_lose_nor_double_steps(self):
        epochs = 4000  # more than all moments together, however late the test is told of them
        path = self.config(tiny(output__tensorboard=True, training__epochs=epochs, training__checkpoint_every=7))
        arguments = ("--config", path, "--out", self.folder / "run", "--device", "cpu", "--quiet")
        moments = random.Random(4)
        for _ in range(4):
            process = self.start(*arguments)
            self.wait_for_epochs(process, 1)
            time.sleep(moments.uniform(0, 0.05))
            self.kill(process)
        run(*arguments)
        self.check(self.folder / "run", epochs)

    def test_more_epochs_and_overwrite(self):
        path = self.config(tiny(output__tensorboard=True, training__epochs=2))
        self.train(config=path)
        self.train("run", "--set", "training.epochs=3", config=path)
        self.check(self.folder / "run", 3)
        self.train("run", "--overwrite", config=tiny(training__epochs=1))
        self.assertEqual(list((self.folder / "run").glob("events*")), [])


if __name__ == "__main__":
    main()
