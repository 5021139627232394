// Page: the document. Text in; nodes with that text, and never markup, out.

/** The node that the page is written with; without it page and code are not of one build. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const node = document.querySelector(`#${id}`);
  if (!(node instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return node;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (className !== '') node.className = className;
  node.append(...children);
  return node;
}

/** Touches nothing that is as it should be: selections stay, and a live region speaks of changes only. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Makes the body of a table say the rows. Its cells are kept, so that each second only what is new is drawn. */
export function setRows(
  table: HTMLTableElement,
  rows: readonly (readonly string[])[],
  classes: readonly string[],
): void {
  const body = table.tBodies[0] ?? table.createTBody();
  while (body.rows.length > rows.length) body.deleteRow(-1);
  for (const [i, row] of rows.entries()) {
    const line = body.rows[i] ?? body.insertRow();
    for (const [j, text] of row.entries()) {
      const cell = line.cells[j] ?? line.appendChild(element(j === 0 ? 'th' : 'td', classes[j]));
      if (j === 0 && cell instanceof HTMLTableCellElement) cell.scope = 'row';
      setText(cell, text);
    }
  }
  // Its caption stays, to say of what there is none.
  table.classList.toggle('empty', rows.length === 0);
}
