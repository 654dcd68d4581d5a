/** Finds the route of a path: literal segments win over parameters. */

/** What a vendor's routes have in common. */
export interface Routed {
  readonly method: string
  /** Segments in braces are parameters: `/objects/{id}`. */
  readonly template: string
}

interface Node<Route> {
  readonly literals: Map<string, Node<Route>>
  parameter: { readonly name: string; readonly node: Node<Route> } | null
  readonly routes: Map<string, Route>
}

export interface Match<Route> {
  /** By method. */
  readonly routes: ReadonlyMap<string, Route>
  readonly params: Readonly<Record<string, string>>
}

export class Router<Route extends Routed> {
  private readonly root: Node<Route> = emptyNode()

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.add(route)
  }

  find(segments: readonly string[]): Match<Route> | undefined {
    const params: Record<string, string> = {}
    const node = descend(this.root, segments, 0, params)
    return node && { routes: node.routes, params }
  }

  private add(route: Route): void {
    let node = this.root
    for (const segment of route.template.split('/').filter(Boolean)) {
      const name = /^\{(.*)\}$/.exec(segment)?.[1]
      if (name === undefined) {
        const next: Node<Route> = node.literals.get(segment) ?? emptyNode()
        node.literals.set(segment, next)
        node = next
      } else {
        node.parameter ??= { name, node: emptyNode() }
        if (node.parameter.name !== name) throw new Error(`Two names for a parameter of ${route.template}`)
        node = node.parameter.node
      }
    }
    node.routes.set(route.method, route)
  }
}

function emptyNode<Route>(): Node<Route> {
  return { literals: new Map(), parameter: null, routes: new Map() }
}

function descend<Route>(
  node: Node<Route>,
  segments: readonly string[],
  depth: number,
  params: Record<string, string>,
): Node<Route> | undefined {
  const segment = segments[depth]
  if (segment === undefined) return node.routes.size > 0 ? node : undefined
  const literal = node.literals.get(segment)
  const viaLiteral = literal && descend(literal, segments, depth + 1, params)
  if (viaLiteral) return viaLiteral
  if (node.parameter === null) return undefined
  const found = descend(node.parameter.node, segments, depth + 1, params)
  if (found) params[node.parameter.name] = segment
  return found
}
