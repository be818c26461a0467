import { useState } from 'preact/hooks';
import { tagsIn } from '../memos/draft';
import { spoken } from '../notices';
import { described, Field } from './field';
import { Icon } from './icon';

interface Props {
  tags: readonly string[];
  known: readonly string[];
  error: string | undefined;
  onChange: (tags: readonly string[]) => void;
  /** What stands in the field and is no tag yet: it counts when the memo is saved. */
  rest: string;
  onRest: (rest: string) => void;
}

/** Tags as chips: comma or Enter adds what was typed, Backspace in the empty field takes the last away. */
export function TagField({ tags, known, error, onChange, rest, onRest }: Props) {
  const [focused, setFocused] = useState(false);
  function add(text: string) {
    const fresh = tagsIn(text).filter((tag) => !tags.includes(tag));
    if (fresh.length > 0) {
      onChange([...tags, ...fresh]);
      spoken.value = `Added the tag ${fresh.join(', ')}.`;
    }
    onRest('');
  }
  function remove(tag: string) {
    onChange(tags.filter((other) => other !== tag));
    spoken.value = `Took the tag ${tag} away.`;
  }
  return (
    <Field id="tags" label="Tags" error={error}>
      <div class="chips" data-focused={focused}>
        {tags.map((tag) => (
          <span class="chip" key={tag}>
            {tag}
            <button
              type="button"
              class="bare"
              aria-label={`Take the tag ${tag} away`}
              onClick={() => remove(tag)}
            >
              <Icon name="close" />
            </button>
          </span>
        ))}
        <input
          {...described('tags', { error })}
          type="text"
          autocomplete="off"
          list="known-tags"
          maxLength={200}
          placeholder={tags.length === 0 ? 'shopping, ideas' : ''}
          value={rest}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            add(rest);
          }}
          onInput={(event) => {
            const text = event.currentTarget.value;
            if (text.includes(',')) add(text);
            else onRest(text);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && rest.trim() !== '') {
              event.preventDefault();
              add(rest);
            }
            const last = tags.at(-1);
            if (event.key === 'Backspace' && rest === '' && last !== undefined) remove(last);
          }}
        />
        <datalist id="known-tags">
          {known
            .filter((tag) => !tags.includes(tag))
            .map((tag) => (
              <option key={tag} value={tag} />
            ))}
        </datalist>
      </div>
    </Field>
  );
}
