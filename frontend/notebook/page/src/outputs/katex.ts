// Loaded on its own, with KaTeX's style and fonts.
import "katex/dist/katex.min.css";
export { default } from "katex";
