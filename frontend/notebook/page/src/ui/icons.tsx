// The page's icons: strokes on a grid of 24, in the colour of the text.

const paths = {
  play: "M7 4.8v14.4a.6.6 0 0 0 .92.5l11.2-7.2a.6.6 0 0 0 0-1L7.92 4.3A.6.6 0 0 0 7 4.8Z",
  playAll: "M4 5.5v13l8-6.5zM13 5.5v13l8-6.5z",
  stop: "M6.5 6.5h11v11h-11z",
  restart: "M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6",
  plus: "M12 5v14M5 12h14",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  trash: "M4 7h16M9 7V4.5h6V7M6.5 7l.8 12.5h9.4L17.5 7M10 11v5M14 11v5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  copy: "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9",
  save: "M5 4.5h11.5l3 3V19.5H5zM8 4.5V9h7V4.5M8 19.5v-6h8.5v6",
  folder: "M3.5 6.5a1 1 0 0 1 1-1h4.6l2 2.3h8.4a1 1 0 0 1 1 1v9.2a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1z",
  file: "M6.5 3.5h7.5l4 4v13h-11.5zM14 3.5v4h4",
  notebook: "M6.5 3.5h12v17h-12zM6.5 3.5v17M4.5 7.5h3M4.5 12h3M4.5 16.5h3M11 8.5h4.5M11 12h4.5",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
  variables: "M8 4.5c-3 0-3 2-3 3.5s.3 4-2 4c2.3 0 2 2.5 2 4s0 3.5 3 3.500M16 4.500c3 0 3 2 3 3.500s-.3 4 2 4c-2.3 0-2 2.5-2 4s0 3.5-3 3.500M10 10l4 4M14 10l-4 4",
  parallel: "M4 12h3M7 12c5 0 4-7 10-7M7 12c5 0 4 7 10 7M7 12h10M20 5h.01M20 12h.01M20 19h.01",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.300c.3-1.4 1.4-2.1 2.6-2.1 1.5 0 2.6.900 2.6 2.3 0 2-2.7 2.2-2.7 4.200M12 16.800h.01",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4",
  moon: "M20 14.200A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.200z",
  auto: "M3.5 5h17v11.5h-17zM12 16.500V20M8.5 20h7",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.500l4.5 4.500L19 7.5",
  warning: "M12 4.500L2.8 20h18.400zM12 10v4.500M12 17.300h.01",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.500L20.5 20.5",
  chevron: "M9 6l6 6-6 6",
  upload: "M12 16V4.500M7 9l5-5 5 5M4.5 15v4.500h15V15",
  download: "M12 4.500V16M7 11.500l5 5 5-5M4.5 15v4.500h15V15",
  edit: "M4.5 19.500l1-4L16 5l3 3L8.5 18.500zM14 7l3 3",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  shield: "M12 3.500l7.5 2.800v5.200c0 4.6-3 7.7-7.5 9.3-4.5-1.6-7.5-4.7-7.5-9.300V6.300z",
  merge: "M12 4v5M12 15v5M8 7l4 3 4-3M8 17l4-3 4 3",
  code: "M8.5 7L3.5 12l5 5M15.5 7l5 5-5 5",
  text: "M5 6h14M12 6v13",
  clear: "M5 19.500h14M8.5 16L4 11.5 12 4l7.5 7.500L15 16z",
  enlarge: "M14 4.500h5.500V10M10 19.500H4.500V14M19.500 4.500l-6 6M4.500 19.500l6-6",
  link: "M10 14l4-4M8.5 11.500L6 14a3.5 3.5 0 0 0 5 5l2.5-2.500M15.5 12.500L18 10a3.5 3.5 0 0 0-5-5l-2.5 2.5",
};

export type IconName = keyof typeof paths;

const solid = new Set<IconName>(["play", "playAll", "stop"]);

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  const filled = solid.has(name);
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill={filled ? "currentColor" : "none"}
        stroke="currentColor"
        stroke-width={filled ? 1 : name === "more" ? 2.6 : 1.7}
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
