/** The intakes of one kind on a workflow's page of intakes: a line each, which leads to its own page. */
import type { Child } from 'hono/jsx'
import { ButtonLink, Copyable } from '../../http/components/button.tsx'
import { Time } from '../../http/components/value/time.tsx'

export interface Line {
  /** Its own page. */
  href: string
  name: string
  /** Where to send to. */
  address: string
  /** In a word or two: how senders prove who they are, who may write. */
  note: Child
  since: number
}

export interface SectionProps {
  id: string
  title: string
  /** What the note is. */
  head: string
  lines: Line[]
  /** What such an intake is for, where there is none. */
  children?: Child
  /** The way to a new one; null for those who may not make one. */
  add: { href: string; label: string } | null
}

export const LinesSection = ({ id, title, head, lines, children, add }: SectionProps) => (
  <section class="section stack" id={id}>
    <header class="row row-between">
      <h2>{title}</h2>
      {add && (
        <ButtonLink href={add.href} size="small" icon="plus">
          {add.label}
        </ButtonLink>
      )}
    </header>
    {lines.length === 0 ? <p class="secondary">{children}</p> : <Lines head={head} lines={lines} />}
  </section>
)

const Lines = ({ head, lines }: Pick<SectionProps, 'head' | 'lines'>) => (
  <div class="table-scroll">
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Name and address</th>
          <th scope="col">{head}</th>
          <th scope="col">Since</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ href, name, address, note, since }) => (
          <tr>
            <th scope="row" class="stack-tight">
              <a href={href} hx-ignore>
                {name}
              </a>
              <Copyable text={address} />
            </th>
            <td>{note}</td>
            <td>
              <Time at={since} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
