using MultiModal.Pipeline.Images;

namespace MultiModal.Pipeline.Ai;

/// <summary>
/// An engine that makes pictures. It is safe for concurrent use, limits its own concurrency (<c>Ai:MaxConcurrency</c>) and retries what the provider
/// did not work on. A request whose answer is lost may have been paid for, and is not sent again: the caller decides about that.
/// </summary>
public interface IPictureEngine
{
    EngineIdentity Identity { get; }

    /// <returns>The picture or a failure. The method never throws for anything the provider does; only for cancellation.</returns>
    Task<EngineAnswer<MadePicture>> MakeAsync(PictureRequest request, CancellationToken cancellationToken);

    /// <summary>The usage to expect of <see cref="MakeAsync"/>.</summary>
    /// <returns>Null where it is not known what a picture of this quality uses.</returns>
    CallEstimate? Estimate(PictureRequest request);
}

/// <summary>One picture to be made.</summary>
/// <param name="Prompt">What it shows; at most <see cref="LongestPrompt"/> characters.</param>
/// <param name="Size">Its size.</param>
/// <param name="Quality"><c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c> or <c>max</c>.</param>
public sealed record PictureRequest(string Prompt, PictureSize Size, string Quality)
{
    /// <summary>The most that every provider takes: Azure OpenAI takes 4,000 characters ("Foundry Models sold by Azure", 2026-09-23).</summary>
    public const int LongestPrompt = 4000;
}

/// <summary>A picture that was made.</summary>
/// <param name="File">The file.</param>
/// <param name="Form">What it is.</param>
public sealed record MadePicture(BinaryData File, PictureFile Form);
