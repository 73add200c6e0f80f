"""Shrinks a photograph with Pillow: photo, output, width, height, quality, times. Prints the CPU milliseconds of each time."""
import io
import json
import sys
import time

from PIL import Image

photo, output, width, height, quality, times = sys.argv[1:]
figures = []
for n in range(int(times) + 1):
    before = time.process_time()
    with Image.open(photo) as image:
        image.draft("RGB", (int(width) * 2, int(height) * 2))
        small = image.convert("RGB").resize((int(width), int(height)), Image.Resampling.LANCZOS)
        made = io.BytesIO()
        small.save(made, "JPEG", quality=int(quality))
    # The first time is not counted: it loads code.
    if n > 0:
        figures.append((time.process_time() - before) * 1000)
with open(output, "wb") as file:
    file.write(made.getvalue())
print(json.dumps(figures))
