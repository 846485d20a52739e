import { useEffect, useRef, useState } from "preact/hooks";
import { list, type Entry } from "../api";
import { problem, splitPath, urlPath } from "../ui/format";
import { Icon } from "../ui/icons";
import { preview } from "../ui/preview";

/** The folder of the notebook, to go to its neighbours. */
export function FilesPanel({ path }: { path: string }) {
  const [own] = splitPath(path);
  const [folder, setFolder] = useState(own);
  const [entries, setEntries] = useState<Entry[] | null>(null);
  const [error, setError] = useState("");
  const before = useRef(own);
  useEffect(() => {
    if (before.current !== own) setFolder(own); // the notebook was moved
    before.current = own;
  }, [own]);
  useEffect(() => {
    let here = true;
    list(folder).then(
      (l) => here && (setEntries(l), setError("")),
      (e: Error) => here && setError(problem(e)),
    );
    return () => {
      here = false;
    };
  }, [folder, path]);
  return (
    <div class="side-files">
      <div class="side-folder">
        <Icon name="folder" size={15} />
        <span>{folder || "All files"}</span>
      </div>
      {error && <p class="empty bad">{error}</p>}
      <ul>
        {folder !== "" && (
          <li>
            <button onClick={() => setFolder(splitPath(folder)[0])}>
              <Icon name="up" size={15} /> ..
            </button>
          </li>
        )}
        {entries?.map((e) => (
          <li key={e.path}>
            {e.type === "directory" ? (
              <button onClick={() => setFolder(e.path)}>
                <Icon name="folder" size={15} /> {e.name}
              </button>
            ) : (
              <a
                href={(e.type === "notebook" ? "/notebooks/" : "/files/") + urlPath(e.path)}
                target={e.type === "notebook" ? undefined : "_blank"}
                rel="noreferrer"
                onClick={(ev) => e.type === "file" && preview(ev, e)}
                aria-current={e.path === path ? "page" : undefined}
              >
                <Icon name={e.type === "notebook" ? "notebook" : "file"} size={15} /> {e.name}
              </a>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
