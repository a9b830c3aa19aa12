/** Files as pages show them: pictures small, what a browser can open to be seen, everything to be saved. */
import type { TextState } from '../../domain/file/text.ts'
import type { Actor } from '../../domain/task/events.ts'
import { actorName } from '../names.ts'
import { Icon } from './icon.tsx'

export interface ShownFile {
  name: string
  type: string
  bytes: number
  /** Where its content is. */
  href: string
  /** How a browser may show it by itself; null: it is only saved. */
  shown: 'image' | 'pdf' | 'text' | null
  /** Whether its text is there for steps; absent: nothing is said of it. */
  text?: TextState['text']
  why?: TextState['why']
  /** Who brought it, where that was a person or a program; absent: nothing is said of it. */
  by?: Actor
}

export const FileList = ({ files, title = 'Files' }: { files: readonly ShownFile[]; title?: string }) =>
  files.length === 0 ? null : (
    <section class="stack-tight" aria-label={title}>
      <h2 class="small">{title}</h2>
      <ul class="bare stack-tight">
        {files.map(file => (
          <OneFile file={file} />
        ))}
      </ul>
    </section>
  )

const OneFile = ({ file }: { file: ShownFile }) => {
  const { name, href, shown, bytes } = file
  const see = `${href}?show=1`
  return (
    <li class="row" hx-ignore>
      {shown === 'image' ? (
        <a href={see} target="_blank" rel="noopener">
          <img src={see} alt={name} width="120" loading="lazy" />
        </a>
      ) : (
        <Icon name="file" />
      )}
      {shown === null ? (
        <bdi>{name}</bdi>
      ) : (
        <a href={see} target="_blank" rel="noopener">
          <bdi>{name}</bdi>
        </a>
      )}
      <span class="small secondary">
        {sizeInWords(bytes)}
        {broughtBy(file)}
        {noteOf(file)}
      </span>
      <a class="button button--quiet button--small" href={href} download={name} aria-label={`Save ${name}`}>
        <Icon name="download" size={14} /> Save
      </a>
    </li>
  )
}

/** What came by itself has nobody behind it. */
function broughtBy({ by }: ShownFile): string {
  return by === undefined || by.kind === 'system' ? '' : ` · added by ${actorName(by)}`
}

/** What a reader should know of its text: of a picture nobody expects one. */
function noteOf({ text, why }: ShownFile): string {
  if (text === 'reading') return ' · being read'
  return why == null || why.code === 'not_read' ? '' : ` · Steps have no text of it. ${why.message}`
}

/** "3.4 MB", as disks count. */
function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
