"""The measurements behind every public figure: `./run walkout bench NAME`."""
