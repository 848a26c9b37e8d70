"""The table of a run that was cut off here and there: python3 table_test.py"""
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import table


def line(name, median, unit, checked=True):
    return {"name": name, "median": median, "unit": unit, "checked": checked, "device": "gpu:0 (a GPU)"}


class Table(unittest.TestCase):
    def row(self, name, bench, peer):
        return next(r for r in table.compare(bench, peer) if r["name"] == name)

    def test_rates_and_times(self):
        draws, product = "gpu/logistic/1024/draws", "gpu/matrix_product/f64"
        bench = [line(draws, 4e5, "1/s"), line(product, 2.5, "ms")]
        peer = [line(draws, 1e5, "1/s"), line(product, 2.0, "ms")]
        self.assertEqual(self.row(draws, bench, peer)["ratio"], 4)
        self.assertEqual(self.row(draws, bench, peer)["met"], "yes")
        self.assertAlmostEqual(self.row(product, bench, peer)["ratio"], 0.8)
        self.assertEqual(self.row(product, bench, peer)["met"], "no")

    def test_limits(self):
        self.assertEqual(self.row("gpu/scan", [line("gpu/scan", 1.2, "s")], [])["met"], "yes")
        self.assertEqual(self.row("gpu/scan", [line("gpu/scan", 1.6, "s")], [])["met"], "no")
        share = "gpu/elementwise/share"
        self.assertEqual(self.row(share, [line(share, 0.93, "1")], [])["met"], "yes")

    def test_wrong_results_meet_nothing(self):
        self.assertEqual(self.row("gpu/scan", [line("gpu/scan", 0.1, "s", checked=False)], [])["met"], "no")

    def test_unfinished_samplers_by_leapfrogs(self):
        at = "gpu/hidden_markov/1024/"
        bench = [line(at + "draws", 3e5, "1/s"), line(at + "leapfrogs", 4e6, "1/s")]
        row = self.row(at + "leapfrogs", bench, [line(at + "leapfrogs", 1e5, "1/s", checked=False)])
        self.assertEqual((row["ratio"], row["met"]), (40, "yes"))
        self.assertIn("leapfrogs", row["title"])

    def test_missing(self):
        self.assertTrue(all(r["met"] == "?" for r in table.compare([], [])))

    def test_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "bench.jsonl"), "w") as file:
                file.write(json.dumps(line("gpu/scan", 1.2, "s")) + '\n{"name": "gpu/co')  # killed while it wrote
            with open(os.path.join(folder, "parts.jsonl"), "w") as file:
                file.write(json.dumps({"part": "conformance", "status": 0, "seconds": 31}) + "\n")
            table.main(folder)
            with open(os.path.join(folder, "run.json")) as file:
                run = json.load(file)
        self.assertEqual(run["device"], "gpu:0 (a GPU)")
        self.assertEqual(len(run["bench"]), 1)
        self.assertEqual(run["parts"][0]["seconds"], 31)


if __name__ == "__main__":
    unittest.main()
