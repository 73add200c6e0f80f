using Microsoft.Playwright;

namespace MultiModal.Browser.Tests;

/// <summary>Files that a mouse drags into the window from outside.</summary>
internal static class DropTarget
{
    /// <param name="page">The page.</param>
    /// <param name="x">Where they are dropped, in pixels from the left.</param>
    /// <param name="y">And from the top.</param>
    /// <param name="paths">The files.</param>
    public static async Task DropAsync(this IPage page, int x, int y, params string[] paths)
    {
        var protocol = await page.Context.NewCDPSessionAsync(page);
        foreach (var type in new[] { "dragEnter", "dragOver", "drop" })
        {
            await protocol.SendAsync("Input.dispatchDragEvent", new Dictionary<string, object>
            {
                ["type"] = type,
                ["x"] = x,
                ["y"] = y,
                ["data"] = new { items = Array.Empty<object>(), files = paths, dragOperationsMask = 1 },
            });
        }

        await protocol.DetachAsync();
    }
}
