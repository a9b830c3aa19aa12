/** What the keyboard opens on every page: the palette that leads anywhere, and the list of shortcuts. */
import { Dialog } from '../components/dialog.tsx'
import { Search } from '../components/field.tsx'

/** Ctrl K leads anywhere; its links come from /search, whose page serves where there is no script. */
export const Palette = () => (
  <dialog class="dialog palette" id="palette" aria-label="Search, or go to">
    <form action="/search" method="get">
      <Search
        label="A workflow, an agent, a task, a page"
        id="palette-q"
        autocomplete="off"
        hx-get="/search"
        hx-trigger="input changed delay:120ms, palette:open"
        hx-target="#palette-list"
        hx-swap="innerHTML"
        hx-sync="this:replace"
      />
    </form>
    <div id="palette-list" class="palette-list" />
    <p class="menu-note">
      <kbd>↓</kbd> <kbd>↑</kbd> choose · <kbd>Enter</kbd> go · <kbd>Esc</kbd> close
    </p>
  </dialog>
)

const SHORTCUTS: [keys: string[], what: string][] = [
  [['?'], 'This help'],
  [['Ctrl', 'K'], 'Search, or go anywhere (⌘ K)'],
  [['c'], 'New task'],
  [['/'], 'Filter or search'],
  [['↑', '↓', '←', '→'], 'Between cards (also k j h l)'],
  [['Enter'], 'Open the card'],
  [['Esc'], 'Close what is open'],
  [['m'], 'Move the card to another step'],
  [['a'], 'Approve: to the question, then to its button'],
  [['r'], 'Retry what failed, or run again'],
  [['g', 'i'], 'Go to the approvals'],
  [['g', 'b'], 'Go to the board you saw last'],
  [['g', 'm'], 'Go to the metrics'],
  [['g', 'w'], 'Go to the workflows'],
  [['g', 's'], 'Go to the settings'],
]

export const KeyHelp = () => (
  <Dialog id="key-help" title="Keyboard shortcuts">
    <dl class="keys">
      {SHORTCUTS.map(([keys, what]) => (
        <>
          <dt class="row">
            {keys.map(key => (
              <kbd>{key}</kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </>
      ))}
    </dl>
    <p class="section">
      <label class="check">
        <input type="checkbox" data-keys-setting checked />
        <span>
          Single-key shortcuts
          <small>Off, only the browser's own keys work. Kept in this browser.</small>
        </span>
      </label>
    </p>
  </Dialog>
)
