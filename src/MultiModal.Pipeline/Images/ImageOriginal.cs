using MultiModal.Pipeline.Inventory;

namespace MultiModal.Pipeline.Images;

/// <summary>What is optimised: an item of its own, or a page of one.</summary>
/// <param name="Hash">Of its bytes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Fetch">Copies it into a file; returns why it could not, or null.</param>
internal sealed record ImageOriginal(ContentHash Hash, long Bytes, Func<string, CancellationToken, Task<Failure?>> Fetch);
