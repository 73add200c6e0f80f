namespace MultiModal.Pipeline.Poison;

/// <summary>All decodes of one content by one step that have begun and not ended. Gone once there are none.</summary>
internal sealed record DecodeMark(IReadOnlyList<DecodeStart> Starts);
