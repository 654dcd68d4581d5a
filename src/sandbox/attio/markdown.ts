/**
 * What is left of a note's markdown as plain text: the vendor's subset of headings, lists, emphasis, highlights and
 * links. Attio fact sheet 15.2. How exactly the vendor writes lists in plain text was not captured.
 */
export const plainText = (markdown: string): string =>
  markdown
    .split('\n')
    .map((line) =>
      line
        .replace(/^#{1,3}\s+/, '')
        .replace(/^(\s*)[-*+]\s+/, '$1')
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll(/(\*\*|__|~~|==)(.+?)\1/g, '$2')
        .replaceAll(/(?<![\w*])([*_])(?=\S)(.+?)(?<=\S)\1(?![\w*])/g, '$2'),
    )
    .join('\n')
