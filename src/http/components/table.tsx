/** The head of a table whose last column holds what can be done with a row. */

export const HeadWithActions = ({ names }: { names: string[] }) => (
  <thead>
    <tr>
      {names.map(name => (
        <th scope="col">{name}</th>
      ))}
      <th scope="col">
        <span class="visually-hidden">Actions</span>
      </th>
    </tr>
  </thead>
)
