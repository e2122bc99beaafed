// What a screen looks like from outside: the contrast of every text with its ground, the size
// of every control, and what is wider than the screen. Evaluated in the page by the tests.
() => {
  const channels = (colour) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  // WCAG 2.2, relative luminance and contrast ratio.
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((value) => linear(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = (element) => {
    const lights = [channels(getComputedStyle(element).color), ground(element)].map(luminance);
    return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
  };
  const left_out = "[inert], :disabled, noscript, option, .visually-hidden, #announcer";
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data.trim();
    const element = walk.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest(left_out)) continue;
    texts.push([text.slice(0, 40), contrast(element)]);
  }
  const targets = [...document.querySelectorAll('button, input:not([tabindex="-1"]), select, textarea, summary')]
    .filter((element) => element.checkVisibility() && !element.closest("[inert]"))
    .map((element) => (element.matches("input") && element.closest("label")) || element)
    .map((element) => {
      const { width, height } = element.getBoundingClientRect();
      const name = element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30);
      return [name, Math.round(width), Math.round(height)];
    });
  const wide = [document.documentElement, ...document.querySelectorAll(".body, .alert")]
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.className || element.tagName);
  return { texts, targets, wide };
};
