// Package plots draws what package parallel measured: records in, pictures out.
//
// Start at [Timeline], the picture of one run: a row for each worker, from
// which one sees who worked when, how many tasks ran at once, how long they
// took, and where the workers' time went, so why the run was not faster.
// [Histogram] draws repeated timings, and [ProgressHTML] and [ProgressText] a
// run that is under way. [Speedup], [Chunks], [Compare] and [Scaling] draw the
// experiments of package parallel/scaling.
//
// A [Figure] is one scene with several forms of it: static SVG without script,
// PNG, text, and HTML for a page that may be light or dark. The picture stands
// on a card with a background of its own, so it reads on either; [Dark] chooses
// a dark card. Its size does not grow with the number of tasks: what is too
// small to see is merged and shaded by density.
//
// Colours follow Okabe and Ito's palette, which colour-blind readers can tell
// apart (https://jfly.uni-koeln.de/color/). No state is told by colour alone.
//
// The package knows nothing of notebooks. A front end shows a Figure by its
// MimeBundle, or its HTML.
package plots
