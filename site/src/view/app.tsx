import { useMemo } from 'preact/hooks';
import { Desk } from '../memos/desk';
import { session } from '../session';
import { DeskView } from './desk';
import { Entrance } from './entrance';
import { Over } from './over';

export function App() {
  switch (session.phase.value) {
    case 'starting':
      return <p class="visually-hidden">Loading…</p>;
    case 'out':
      return <Entrance />;
    case 'in':
    case 'over':
      return <Inside />;
  }
}

/** What one person has open; another session's begins anew. */
function Inside() {
  const desk = useMemo(() => new Desk(), []);
  return (
    <>
      <DeskView desk={desk} />
      {session.phase.value === 'over' && <Over />}
    </>
  );
}
