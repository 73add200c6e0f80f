namespace MultiModal.Pipeline.Ai.Providers;

internal enum ReplyRemedy
{
    None,

    /// <summary>The server does not know this answer format: ask in the next looser one.</summary>
    LooserFormat,

    /// <summary>The model answered something else than asked: tell it so, once.</summary>
    Repair,
}
