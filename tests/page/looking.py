"""What the browser tests ask a rendered page: programs that run in it, and the browser itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

__all__ = ["CONTRAST", "FOCUS", "OVERFLOWING", "OVERLAPS", "chromium", "launched"]

NAMES = ("chromium", "chromium-browser", "google-chrome")

# Bounding boxes that meet, of nodes, of labels of edges and of each with the other.
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('.gmn-graph > .gmn-node > *, .gmn-edge-label')]
    .filter(e => ['rect', 'path', 'text'].includes(e.tagName))
    .map(e => [e, e.getBoundingClientRect()]);
  const owner = e => e.closest('.gmn-node') || e;
  const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  const found = [];
  for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++)
    if (owner(boxes[i][0]) !== owner(boxes[j][0]) && meet(boxes[i][1], boxes[j][1]))
      found.push(`${boxes[i][0].textContent} / ${boxes[j][0].textContent}`);
  for (const node of document.querySelectorAll('.gmn-graph > .gmn-node')) {
    const shape = node.querySelector('.gmn-shape').getBoundingClientRect();
    for (const text of node.querySelectorAll('.gmn-title, .gmn-mark')) {
      const box = text.getBoundingClientRect();
      if (box.left < shape.left || box.right > shape.right || box.top < shape.top || box.bottom > shape.bottom)
        found.push(`outside its shape: ${text.textContent}`);
    }
  }
  return found;
}"""

# Cells whose text is wider or higher than they are, and boxes that stick out of the page though nothing scrolls them.
OVERFLOWING = """() => {
  const found = [];
  for (const cell of document.querySelectorAll('.gmn-heat td, .gmn-heat th, .gmn-plain td'))
    if (cell.scrollWidth > cell.clientWidth + 1 || cell.scrollHeight > cell.clientHeight + 1)
      found.push(`cell ${cell.textContent.slice(0, 40)}`);
  for (const tile of document.querySelectorAll('.gmn-board')) {
    const box = tile.getBoundingClientRect(), inside = tile.closest('.gmn-scroll');
    if (box.width && inside.scrollWidth < Math.floor(box.width)) found.push('board');
  }
  for (const e of document.querySelectorAll('.gmn-page *')) {
    const box = e.getBoundingClientRect();
    if (!box.width || e.closest('.gmn-hidden, .gmn-store') || e.parentElement.closest('.gmn-scroll, pre')) continue;
    if (box.right > innerWidth + 0.5) found.push(`${e.tagName} ${e.className.baseVal ?? e.className}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page');
  return found;
}"""

# Contrast of each text with what is painted behind its middle (WCAG 2.2, 1.4.3): pairs below 4.5, or 3 where large.
CONTRAST = """() => {
  const rgb = said => {
    const n = said.match(/[\\d.e-]+/g).map(Number);
    return said.startsWith('color(') ? [...n.slice(0, 3).map(v => v * 255), n[3] ?? 1] : [n[0], n[1], n[2], n[3] ?? 1];
  };
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const painted = e => {
    const style = getComputedStyle(e);
    const said = e instanceof SVGElement && e.tagName !== 'svg' ? style.fill : style.backgroundColor;
    return said && !['none'].includes(said) && !said.startsWith('url') && rgb(said)[3] > 0.99 ? rgb(said) : null;
  };
  const behind = e => {
    if (e.matches('[class^=gmn-tile-]')) return painted(e.parentElement.querySelector('.gmn-tile'));
    if (e.matches('.gmn-graph text')) {
      const node = e.closest('.gmn-node');
      if (node && !e.matches('.gmn-under') && !(e.matches('.gmn-note-line') && node.querySelector('.gmn-mark')))
        return painted(e.matches('.gmn-alarm-sign') ? e.previousElementSibling : node.querySelector('.gmn-shape'));
    }
    for (let at = e instanceof SVGElement ? e.closest('svg') : e; at; at = at.parentElement) {
      const found = painted(at);
      if (found) return found;
    }
    return [255, 255, 255, 1];
  };
  const found = new Set();
  let count = 0;
  for (const e of document.querySelectorAll('.gmn-body *')) {
    if (e.closest('.gmn-hidden') || ['STYLE', 'title', 'desc'].includes(e.tagName)) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), svg = e instanceof SVGElement;
    const front = rgb(svg ? style.fill : style.color), back = behind(e);
    const size = parseFloat(style.fontSize), least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    count += 1;
    if (ratio(front, back) < least)
      found.add(`${e.className.baseVal ?? e.className} ${style.fill} ${style.color} on ${back}: ${ratio(front, back).toFixed(2)}`);
  }
  return {count, found: [...found]};
}"""

# What has the focus: what it is, what it is called, whether it can be seen to have it, and where it stands.
FOCUS = """() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const shown = e.matches('input') ? e.nextElementSibling : e;
  const box = shown.getBoundingClientRect(), style = getComputedStyle(shown);
  const name = e.getAttribute('aria-label') || (e.matches('input') ? e.labels[0].textContent : e.textContent).trim();
  return {
    tag: e.tagName.toLowerCase(), name: name.slice(0, 60),
    visible: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 1 && box.left >= 0,
    place: [...document.querySelectorAll('*')].indexOf(e),
  };
}"""


def chromium() -> str | None:
    """Where the system's browser is, or None."""
    return next((place for place in map(shutil.which, NAMES) if place), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """The system's browser without a window; root may run it without its sandbox only."""
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()
