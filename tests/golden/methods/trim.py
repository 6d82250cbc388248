"""Keeps of small/tiny.json what the tests read:  python trim.py small/tiny.json tiny.json"""
import json, sys

source, target = sys.argv[1:]
everything = json.load(open(source))
kept = [
    "network", "image", "background", "truth", "output", "occlusion_8px_stride4", "occlusion_6px_stride5", "shapley_4x4",
    "owen_4x4", "kernelshap_4x4", "lime_4x4", "rise", "windows_8px_stride4", "faithfulness",
]
tiny = {key: everything[key] for key in kept}

for scores in tiny["faithfulness"].values():
    scores.pop("quantus", None)
for key in ("soft_prob", "soft_map", "first_soft_mask", "first_upsampled_row"):
    del tiny["rise"][key]
json.dump(tiny, open(target, "w"))
