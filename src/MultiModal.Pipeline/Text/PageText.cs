namespace MultiModal.Pipeline.Text;

/// <summary>The text layer of a page.</summary>
/// <param name="Page">From 1.</param>
/// <param name="Text">Not empty.</param>
public sealed record PageText(int Page, string Text);
