const PATHS = {
  plus: 'M12 5v14M5 12h14',
  pin: 'M9 4h6l-1 6 3.5 3.5h-11L10 10 9 4ZM12 13.5V20',
  archive: 'M4 5h16v4H4zM5.5 9v10h13V9M10 13h4',
  unarchive: 'M4 5h16v4H4zM5.5 9v10h13V9M12 17v-5m-2.5 2L12 11.5l2.5 2.5',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7M10.5 11v5M13.5 11v5',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20',
  close: 'M6 6l12 12M18 6 6 18',
  leave: 'M14 5H6v14h8M11 12h9m-3.5-3.5L20 12l-3.5 3.5',
  tag: 'M4 4h8l8 8-8 8-8-8V4ZM8.5 8.5h.01',
  stack: 'M5 8h14v11H5zM8 5h8',
  offline: 'M4 4l16 16M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4-2.4M19 12a10 10 0 0 0-6.5-3M12 19h.01',
} as const;

/** A drawing beside or in place of words; it says nothing by itself. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
