/** How to name things in a template; with a script the names are buttons that write themselves into the field. */
import { useContext } from 'hono/jsx'
import { Within } from '../../../http/components/field.tsx'
import { variablesFor } from '../../variables.ts'
import type { FieldsProps } from './pages.ts'

export const TemplateHint = ({ view, field }: Pick<FieldsProps, 'view'> & { field: string }) => {
  const variables = [...(view.items ?? []), ...variablesFor(view.step, view.definition)]
  const within = useContext(Within)
  return (
    <>
      Write <code>{'{{ … }}'}</code> where a value of the task belongs:
      <span class="variables" hx-ignore>
        {variables.map(path => (
          <>
            {' '}
            <button
              type="button"
              class="variable needs-js"
              data-insert={`{{ ${path} }}`}
              data-into={`field-${within}${field}`}
            >
              {path}
            </button>
            <code class="no-js">{`{{ ${path} }}`}</code>
          </>
        ))}
      </span>
    </>
  )
}
