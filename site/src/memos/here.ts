import { computed, signal } from '@preact/signals';
import { type Place, placeIn } from './place';

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** Where the person is. */
export const here = computed<Place>(() => placeIn(hash.value));
