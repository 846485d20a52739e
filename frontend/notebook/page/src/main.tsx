import "./style/index.css";
import { render } from "preact";

const root = document.getElementById("app")!;
const notebook = /^\/(?:notebooks|edit)\/(.+)$/.exec(location.pathname);

if (notebook) {
  const { NotebookPage } = await import("./notebook/NotebookPage");
  render(<NotebookPage path={decodeURIComponent(notebook[1]!)} />, root);
} else {
  const { HomePage } = await import("./home/HomePage");
  render(<HomePage />, root);
}
