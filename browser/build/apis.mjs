// What the official client and this one offer, read from the types of both:
// groups of [title, prefix of its names, official names, names here].
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = root + "node_modules/";

const files = {
  official: npm + "socket.io-client/build/esm/index.d.ts",
  engine: npm + "engine.io-client/build/esm/index.d.ts",
  here: root + "declarations/index.d.ts",
};
const program = ts.createProgram(Object.values(files), {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  types: [],
  skipLibCheck: true,
});
const checker = program.getTypeChecker();

const exported = (file) =>
  new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))).map((s) => [s.name, s]));

const isPublic = (symbol) =>
  !/^(_|\[)/.test(symbol.name) &&
  !(symbol.declarations ?? []).some((d) => ts.getCombinedModifierFlags(d) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) &&
  !(symbol.declarations ?? []).some((d) => ts.getJSDocTags(d).some((tag) => tag.tagName.text === "private"));

function members(symbol) {
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return new Set(checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(real)).filter(isPublic).map((s) => s.name));
}

// The keys of the event maps with this name, wherever they are declared.
function events(name, fromOfficial) {
  const keys = new Set();
  for (const source of program.getSourceFiles()) {
    if (source.fileName.includes("node_modules") !== fromOfficial) continue;
    for (const node of source.statements) {
      if (ts.isInterfaceDeclaration(node) && node.name.text === name) for (const m of node.members) keys.add(m.name.getText(source));
    }
  }
  if (!keys.size) throw new Error(`no events called ${name}`);
  return keys;
}

const official = exported(files.official);
const engine = exported(files.engine);
const here = exported(files.here);
const values = (map) => new Set([...map].filter(([, s]) => (s.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(s) : s).flags & ts.SymbolFlags.Value).map(([name]) => name));
const union = (...sets) => new Set(sets.flatMap((s) => [...s]));
// Both keep the events of the engine and its reserved ones under the same name, in files of their own.
const engineEvents = (() => {
  for (const source of program.getSourceFiles()) {
    if (!source.fileName.endsWith("engine.io-client/build/esm/socket.d.ts")) continue;
    const node = source.statements.find((n) => ts.isInterfaceDeclaration(n) && n.name.text === "SocketReservedEvents");
    return new Set(node.members.map((m) => m.name.getText(source)));
  }
})();
const socketEvents = new Set([...events("SocketReservedEvents", true)].filter((e) => /^(connect|disconnect)/.test(e)));

export const groups = [
  ["Exports", "", values(official), values(here)],
  ["`Socket`", "Socket.", members(official.get("Socket")), members(here.get("Socket"))],
  ["`Manager`: `socket.io`", "Manager.", members(official.get("Manager")), union(members(here.get("Manager")), ["emit"])],
  ["Engine: `socket.io.engine`", "Engine.", members(engine.get("Socket")), union(members(here.get("Engine")), ["emit"])],
  ["Options", "options.", union(members(official.get("ManagerOptions")), members(official.get("SocketOptions"))), union(members(here.get("ManagerOptions")), members(here.get("SocketOptions")))],
  ["Events of a socket", "event.", socketEvents, events("SocketEvents", false)],
  ["Events of a manager", "event.", events("ManagerReservedEvents", true), events("ManagerEvents", false)],
  ["Events of the engine", "event.", engineEvents, events("EngineEvents", false)],
];
