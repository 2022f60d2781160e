// Accessibility, judged by axe-core: WCAG 2.0 to 2.2, levels A and AA.
import { readFileSync } from 'node:fs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

// `axe(page, name)`: one check, which fails with the nodes of every violation. `scripted` gives a page in which it can run.
export function auditor(file, check, scripted) {
  const source = readFileSync(file, 'utf8');
  return async function axe(page, name = new URL(page.url()).pathname) {
    const judged = await scripted(page);
    // The protocol may run what a page's content security policy would forbid the page.
    const wire = await judged.context().newCDPSession(judged);
    await wire.send('Runtime.evaluate', { expression: `${source}; undefined` });
    await wire.detach();
    const { violations, passes } = await judged.evaluate((runOnly) => window.axe.run(document, { runOnly }), RULES);
    if (judged !== page) await judged.context().close();
    const found = violations.flatMap((rule) =>
      rule.nodes.map((node) => ({ rule: rule.id, impact: rule.impact, help: rule.help, at: node.target.join(' '), html: node.html, why: node.failureSummary })));
    // No rule applied: then axe saw no page.
    if (passes.length === 0) found.push({ rule: 'no rule passed', help: 'is the page empty?' });
    return check(`axe: ${name}`, found.length === 0, found);
  };
}
