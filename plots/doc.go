// Package plots draws what package parallel measured: records in, pictures out.
//
// Start at [Timeline], the picture of one run: a row for each worker, from
// which one sees who worked when, and why a run was not faster. [Histogram]
// draws repeated timings, and [ProgressHTML] and [ProgressText] a run that is
// under way. [Speedup], [Chunks], [Compare] and [Scaling] draw the experiments of
// package parallel/scaling.
//
// A [Figure] is one scene with several forms of it: static SVG without script,
// PNG, and text. The picture stands on a card with a background of its own, so
// it reads on a light page and on a dark one; [Dark] chooses a dark card. Its
// size does not grow with the number of tasks: what is too small to see is
// merged and shaded by density.
//
// Colours follow Okabe and Ito's palette, which colour-blind readers can tell
// apart (https://jfly.uni-koeln.de/color/). No state is told by colour alone.
//
// The package knows nothing of notebooks. A front end shows a Figure by its
// MimeBundle.
package plots
