/** Builds public/icons.svg and the names the Icon component takes from lucide-static (ISC): only the icons that pages use. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const check = process.argv.includes('--check')

/** Baton's name for an icon → lucide's. Handlers and states first: the two things an icon says on a board. */
const ICONS = {
  prompt: 'text-cursor-input',
  agent: 'bot',
  human: 'user-round',
  http: 'globe',
  tool: 'wrench',
  wait: 'timer',
  rule: 'table-2',
  parallel: 'split',
  map: 'repeat',
  workflow: 'workflow',
  running: 'loader',
  held: 'hourglass',
  waiting: 'hand',
  stuck: 'unplug',
  failed: 'x',
  done: 'check',
  cancelled: 'circle-slash',
  activity: 'activity',
  alert: 'triangle-alert',
  'arrow-left': 'arrow-left',
  'arrow-right': 'arrow-right',
  calendar: 'calendar-clock',
  check: 'check',
  'chevron-down': 'chevron-down',
  'chevron-right': 'chevron-right',
  clock: 'clock',
  close: 'x',
  columns: 'columns-3',
  comment: 'message-square',
  copy: 'copy',
  download: 'download',
  edit: 'pencil',
  external: 'external-link',
  eye: 'eye',
  file: 'file-text',
  filter: 'filter',
  flag: 'flag',
  flow: 'git-fork',
  grip: 'grip-vertical',
  help: 'circle-question-mark',
  history: 'history',
  inbox: 'inbox',
  info: 'info',
  key: 'key-round',
  keyboard: 'keyboard',
  link: 'link',
  list: 'list-checks',
  mail: 'mail',
  more: 'ellipsis',
  move: 'move-right',
  pause: 'pause',
  play: 'play',
  plus: 'plus',
  print: 'printer',
  refresh: 'refresh-cw',
  retry: 'rotate-ccw',
  'route-to': 'corner-down-right',
  search: 'search',
  send: 'send',
  settings: 'settings',
  share: 'share-2',
  shield: 'shield-check',
  'sign-out': 'log-out',
  'theme-dark': 'moon',
  'theme-light': 'sun',
  'theme-system': 'monitor',
  trash: 'trash-2',
  undo: 'undo-2',
  users: 'users',
  webhook: 'webhook',
}

/** Baton's own mark: a baton passed from hand to hand. */
const MARK =
  '<symbol id="baton" viewBox="0 0 24 24"><path d="m4.5 14.5 8-8" stroke-width="4" opacity=".4"/><path d="m10 18.5 9.5-9.5" stroke-width="5"/></symbol>'

function symbol([name, lucide]) {
  const svg = readFileSync(path.join(root, 'node_modules/lucide-static/icons', `${lucide}.svg`), 'utf8')
  const body = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'))
  const shapes = body.replaceAll(/\s+/g, ' ').replaceAll(' />', '/>').replaceAll('> <', '><').trim()
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`
}

const symbols = Object.entries(ICONS).map(symbol)
const sprite = [
  '<!-- Icons: lucide (lucide.dev), ISC licence. Made by scripts/build-icons.mjs. -->',
  '<svg xmlns="http://www.w3.org/2000/svg"><title>Icons</title>',
  MARK,
  ...symbols,
  '</svg>',
  '',
].join('\n')
const names = [
  '/** Made by scripts/build-icons.mjs: the icons in public/icons.svg. */',
  `export type IconName =\n${['baton', ...Object.keys(ICONS)].map(name => `  | '${name}'`).join('\n')}`,
  '',
].join('\n')

const files = { 'public/icons.svg': sprite, 'src/http/components/icon-names.gen.ts': names }
let stale = 0
for (const [file, text] of Object.entries(files)) {
  const target = path.join(root, file)
  if (!check) {
    writeFileSync(target, text)
  } else if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write(`${file} is out of date: run node scripts/build-icons.mjs\n`)
    stale++
  }
}
process.exit(stale > 0 ? 1 : 0)
