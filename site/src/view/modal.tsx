import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  /** The id of the heading that names it. */
  labelledby: string;
  class?: string;
  /** What Escape and the back gesture ask for; whoever opened it decides. */
  onCancel: () => void;
  children: ComponentChildren;
}

/** A dialog over the page, which is inert meanwhile. Where it ends, the focus goes back to where it was. */
export function Modal({ labelledby, class: name = '', onCancel, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opened = dialog.current;
    const before = document.activeElement;
    opened?.showModal();
    return () => {
      opened?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`modal ${name}`}
      aria-labelledby={labelledby}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
      onKeyDown={(event) => {
        // The browser closes a dialog by itself when Escape is pressed twice.
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onCancel();
      }}
    >
      {children}
    </dialog>
  );
}
