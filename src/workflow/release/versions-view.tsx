/** A workflow's versions: who published which when and why, any two compared, and the way back. */
import type { Change } from '../../domain/workflow/changes.ts'
import { Button } from '../../http/components/button.tsx'
import { EmptyState } from '../../http/components/feedback.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { VersionSummary } from '../../records/definitions/workflows.ts'
import { TextDiff } from '../editor/text-diff.tsx'
import { ChangeList } from './publish-view.tsx'

export interface VersionsView {
  workflow: string
  live: number | null
  versions: (VersionSummary & { open: number })[]
  next: string | null
  /** Two that are compared. */
  compared: { from: number; to: number; changes: Change[]; texts: [string, string] } | null
  mayChange: boolean
}

export const Versions = ({ view }: { view: VersionsView }) => {
  const at = `/workflows/${view.workflow}/versions`
  if (view.versions.length === 0) {
    return (
      <EmptyState icon="history" title="No versions yet">
        <p>Publishing makes one: numbered, never changed again, with who, when and why.</p>
      </EmptyState>
    )
  }
  const [newest, second] = view.versions
  const from = view.compared?.from ?? second?.version ?? newest?.version
  const to = view.compared?.to ?? newest?.version
  return (
    <div class="stack">
      <form class="form--inline" method="get" action={at}>
        <VersionSelect name="from" label="Compare" value={from} versions={view.versions} />
        <VersionSelect name="to" label="with" value={to} versions={view.versions} />
        <Button>Compare</Button>
      </form>
      {view.compared && (
        <section class="panel stack-tight">
          <h2>
            From version {view.compared.from} to {view.compared.to}
          </h2>
          <ChangeList changes={view.compared.changes} />
          <TextDiff
            before={view.compared.texts[0]}
            after={view.compared.texts[1]}
            names={[`version ${view.compared.from}`, `version ${view.compared.to}`]}
          />
        </section>
      )}
      <section class="table-scroll" aria-label="Versions" tabindex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Published</th>
              <th scope="col">By</th>
              <th scope="col">Note</th>
              <th scope="col" class="number">
                Tasks in flight
              </th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {view.versions.map(version => (
              <tr>
                <th scope="row">
                  v{version.version} {version.version === view.live && <span class="tag">live</span>}
                </th>
                <td>
                  <Time at={version.createdAt} />
                </td>
                <td hx-ignore>{version.createdBy}</td>
                <td hx-ignore>{version.note ?? ''}</td>
                <td class="number">{version.open}</td>
                <td>
                  {version.version !== view.live && view.mayChange && (
                    <form method="post" action={`${at}/revert`}>
                      <Button size="small" icon="undo" name="version" value={String(version.version)}>
                        Publish v{version.version} again
                      </Button>
                    </form>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <NextPage href={at} next={view.next} />
    </div>
  )
}

const VersionSelect = (props: { name: string; label: string; value?: number; versions: VersionSummary[] }) => (
  <label class="row">
    {props.label}
    <select class="input" name={props.name}>
      {props.versions.map(({ version }) => (
        <option value={String(version)} selected={version === props.value}>
          v{version}
        </option>
      ))}
    </select>
  </label>
)
