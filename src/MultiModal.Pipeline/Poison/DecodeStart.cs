using MultiModal.Pipeline.Storage;

namespace MultiModal.Pipeline.Poison;

/// <summary>A decode that was begun and has not ended, as its mark says.</summary>
/// <param name="Id">Of this start alone.</param>
/// <param name="Owner">The process that began it.</param>
internal sealed record DecodeStart(string Id, AccountOwner Owner);
